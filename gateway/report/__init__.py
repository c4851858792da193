"""What the evidence says, for people: timelines, reports, and how they are shown. Data in, documents out."""
