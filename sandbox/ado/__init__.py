"""A stand-in for Azure DevOps Services: boards part, one organisation named `contoso`."""
