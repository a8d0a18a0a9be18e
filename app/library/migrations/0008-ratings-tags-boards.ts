import type { Store } from '../store.ts'

/** How pictures are found again: ratings (0: none), tags, boards. Tags are equal whatever their capitals. */
export const up = (store: Store) =>
  store.script(`
    ALTER TABLE images ADD COLUMN rating INTEGER NOT NULL DEFAULT 0 CHECK (rating BETWEEN 0 AND 5);
    CREATE INDEX images_by_rating ON images (rating, createdAt DESC, number DESC) WHERE rating > 0;

    CREATE TABLE imageTags (
      image INTEGER NOT NULL REFERENCES images (number) ON DELETE CASCADE,
      tag TEXT NOT NULL COLLATE NOCASE,
      PRIMARY KEY (image, tag)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX imageTags_by_tag ON imageTags (tag);

    CREATE TABLE boards (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      createdAt INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE boardImages (
      board INTEGER NOT NULL REFERENCES boards (number) ON DELETE CASCADE,
      image INTEGER NOT NULL REFERENCES images (number) ON DELETE CASCADE,
      PRIMARY KEY (board, image)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX boardImages_by_image ON boardImages (image);
  `)
