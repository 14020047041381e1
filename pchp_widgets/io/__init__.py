"""Files to datasets and back: instrument readers, the study store, the seeded generators."""
