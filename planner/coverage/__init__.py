"""4G coverage: received power, gaps and the sites that close them."""
