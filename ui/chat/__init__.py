"""The chat: questions, answers as they are written, and what can be done with each."""
