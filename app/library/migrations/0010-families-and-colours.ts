import type { Store } from '../store.ts'

/** Which pictures of the library a canvas showed when a part of it was kept. */
export const up = (store: Store) =>
  store.script(`
    ALTER TABLE keptPictures ADD COLUMN isCanvas INTEGER NOT NULL DEFAULT 0 CHECK (isCanvas IN (0, 1));

    CREATE TABLE keptSources (
      kept TEXT NOT NULL REFERENCES keptPictures (hash) ON DELETE CASCADE,
      image INTEGER NOT NULL REFERENCES images (number) ON DELETE CASCADE,
      PRIMARY KEY (kept, image)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX keptSources_by_image ON keptSources (image);
  `)
