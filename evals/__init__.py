"""Evaluation: question cases and what scores them. A shell: it only ever calls ``Chatbot``."""
