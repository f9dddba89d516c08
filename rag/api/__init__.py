"""The HTTP API: a shell on ``Chatbot`` that answers in the JSON of the command line."""
