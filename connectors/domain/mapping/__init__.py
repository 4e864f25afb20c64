"""How a source project's terms become a target project's: types, states, priorities, links, iterations, areas."""
