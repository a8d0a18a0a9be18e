import type { Store } from '../store.ts'

/** What pictures look like, by the hash of their file: their colours, and where a network that sees pictures places them. A row without `seenBy` waits
 *  to be looked at; every picture has one. And indexes that counts are read from alone. */
export const up = (store: Store) =>
  store.script(`
    CREATE TABLE pictureFeatures (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      hash TEXT NOT NULL UNIQUE REFERENCES blobs (hash) ON DELETE CASCADE,
      seenBy TEXT,
      colours BLOB,
      embedding BLOB
    ) STRICT;
    CREATE INDEX pictureFeatures_by_eye ON pictureFeatures (seenBy);
    INSERT INTO pictureFeatures (hash) SELECT hash FROM images GROUP BY hash ORDER BY max(number);
    CREATE TRIGGER images_added AFTER INSERT ON images BEGIN
      INSERT OR IGNORE INTO pictureFeatures (hash) VALUES (new.hash);
    END;

    CREATE INDEX recipes_by_model ON recipes (model);
    CREATE INDEX recipes_by_sampler ON recipes (sampler);
  `)
