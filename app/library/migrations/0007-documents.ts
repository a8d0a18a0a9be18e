import type { Store } from '../store.ts'

/** Documents with their journals and versions. A tile is a checked PNG in the content store; its bytes are a row until its file is
 *  certainly on the disk. Bodies of documents hold all but tiles, which are rows, so
 *  that a stroke writes little; a version's body is whole. `place` is the number of the last edit that is in force: those after it can be done again.
 *  `request` is the name of the last call that changed it, `wentBack` whether that was an undo. */
export const up = (store: Store) =>
  store.script(`
    CREATE TABLE tiles (
      number INTEGER PRIMARY KEY,
      hash TEXT NOT NULL UNIQUE REFERENCES blobs (hash),
      storedAt INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE tileBytes (
      tile INTEGER PRIMARY KEY REFERENCES tiles (number) ON DELETE CASCADE,
      png BLOB NOT NULL
    ) STRICT;

    CREATE TABLE documents (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      width INTEGER NOT NULL, height INTEGER NOT NULL,
      revision INTEGER NOT NULL,
      place INTEGER NOT NULL,
      request TEXT,
      wentBack INTEGER NOT NULL DEFAULT 0 CHECK (wentBack IN (0, 1)),
      createdAt INTEGER NOT NULL, changedAt INTEGER NOT NULL, trashedAt INTEGER,
      thumbnail TEXT REFERENCES blobs (hash),
      body TEXT NOT NULL CHECK (json_valid(body))
    ) STRICT;
    CREATE INDEX documents_by_time ON documents (changedAt DESC);
    CREATE INDEX documents_by_thumbnail ON documents (thumbnail);

    CREATE TABLE documentTiles (
      document INTEGER NOT NULL REFERENCES documents (number) ON DELETE CASCADE,
      layer TEXT NOT NULL, place TEXT NOT NULL,
      tile INTEGER NOT NULL REFERENCES tiles (number),
      PRIMARY KEY (document, layer, place)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX documentTiles_by_tile ON documentTiles (tile);

    CREATE TABLE documentEdits (
      document INTEGER NOT NULL REFERENCES documents (number) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      label TEXT NOT NULL,
      madeAt INTEGER NOT NULL,
      edit TEXT NOT NULL CHECK (json_valid(edit)),
      inverse TEXT NOT NULL CHECK (json_valid(inverse)),
      PRIMARY KEY (document, number)
    ) STRICT;

    CREATE TABLE editTiles (
      document INTEGER NOT NULL, edit INTEGER NOT NULL,
      tile INTEGER NOT NULL REFERENCES tiles (number),
      PRIMARY KEY (document, edit, tile),
      FOREIGN KEY (document, edit) REFERENCES documentEdits (document, number) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX editTiles_by_tile ON editTiles (tile);

    CREATE TABLE documentVersions (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      document INTEGER NOT NULL REFERENCES documents (number) ON DELETE CASCADE,
      name TEXT NOT NULL,
      createdAt INTEGER NOT NULL,
      thumbnail TEXT REFERENCES blobs (hash),
      body TEXT NOT NULL CHECK (json_valid(body))
    ) STRICT;
    CREATE INDEX documentVersions_by_document ON documentVersions (document);
    CREATE INDEX documentVersions_by_thumbnail ON documentVersions (thumbnail);

    CREATE TABLE versionTiles (
      version INTEGER NOT NULL REFERENCES documentVersions (number) ON DELETE CASCADE,
      tile INTEGER NOT NULL REFERENCES tiles (number),
      PRIMARY KEY (version, tile)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX versionTiles_by_tile ON versionTiles (tile);
  `)
