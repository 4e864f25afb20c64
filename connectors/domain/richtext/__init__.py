"""Rich text between trackers: HTML, Markdown and test steps to Atlassian documents, and back."""
