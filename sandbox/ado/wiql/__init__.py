"""The query language: a parser and an evaluator for what clients really ask.

https://learn.microsoft.com/azure/devops/boards/queries/wiql-syntax
"""
