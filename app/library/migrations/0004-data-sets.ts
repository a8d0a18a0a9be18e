import type { Store } from '../store.ts'

/** Data sets: folders of pictures that a person trains on, what was seen of each picture, and its words. The files stay where they are.
 *  Paths of pictures are relative to the folder, with "/" between. `lookedAt` is empty until all of a folder was looked through. */
export const up = (store: Store) =>
  store.script(`
    CREATE TABLE datasets (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      folder TEXT NOT NULL,
      background TEXT NOT NULL,
      createdAt INTEGER NOT NULL,
      lookedAt INTEGER
    ) STRICT;

    CREATE TABLE datasetPictures (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      dataset TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      path TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      hash TEXT CHECK (length(hash) = 64),
      width INTEGER NOT NULL DEFAULT 0, height INTEGER NOT NULL DEFAULT 0,
      format TEXT NOT NULL DEFAULT '',
      frames INTEGER NOT NULL DEFAULT 1,
      hasAlpha INTEGER NOT NULL DEFAULT 0 CHECK (hasAlpha IN (0, 1)),
      perceptualHash TEXT,
      thumbnail TEXT CHECK (length(thumbnail) = 64),
      caption TEXT NOT NULL DEFAULT '',
      captionSource TEXT NOT NULL DEFAULT 'none' CHECK (captionSource IN ('none', 'file', 'prompt', 'hand')),
      isClassImage INTEGER NOT NULL DEFAULT 0 CHECK (isClassImage IN (0, 1)),
      mayFlip INTEGER NOT NULL DEFAULT 0 CHECK (mayFlip IN (0, 1)),
      isLeftOut INTEGER NOT NULL DEFAULT 0 CHECK (isLeftOut IN (0, 1)),
      problem TEXT CHECK (json_valid(problem)),
      UNIQUE (dataset, path)
    ) STRICT;
    CREATE INDEX datasetPictures_by_thumbnail ON datasetPictures (thumbnail);
  `)
