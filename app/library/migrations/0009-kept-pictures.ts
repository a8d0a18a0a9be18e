import type { Store } from '../store.ts'

/** Pictures that others are made from: those that are no results themselves, and which picture was made from which. */
export const up = (store: Store) =>
  store.script(`
    CREATE TABLE keptPictures (
      hash TEXT PRIMARY KEY REFERENCES blobs (hash),
      width INTEGER NOT NULL, height INTEGER NOT NULL,
      keptAt INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE parents (
      image INTEGER NOT NULL REFERENCES images (number) ON DELETE CASCADE,
      hash TEXT NOT NULL,
      PRIMARY KEY (image, hash)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX parents_by_hash ON parents (hash);
  `)
