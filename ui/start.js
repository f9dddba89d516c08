try { app.preferences = JSON.parse(localStorage.getItem('policy-rag')) || {}; } catch { app.preferences = {}; }
app.language = app.preferences.language
  || (/^zh\b.*(hant|tw|hk|mo)/i.test(navigator.language) ? 'hant' : /^zh\b/i.test(navigator.language) || !navigator.language ? 'hans' : 'en');
app.start();
