import type { Store } from '../store.ts'

/** Pictures with their recipes, jobs, models, settings. Words of prompts stand in a full-text index beside the recipes. */
export const up = (store: Store) =>
  store.script(`
    CREATE TABLE engines (
      id TEXT PRIMARY KEY, pid INTEGER NOT NULL, startedAt INTEGER NOT NULL,
      keepsQueue INTEGER NOT NULL CHECK (keepsQueue IN (0, 1))
    ) STRICT;

    CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL CHECK (json_valid(value))) STRICT;

    CREATE TABLE models (id TEXT PRIMARY KEY, path TEXT NOT NULL, addedAt INTEGER NOT NULL) STRICT;
    CREATE TABLE fileHashes (file TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT;

    CREATE TABLE jobs (
      id TEXT PRIMARY KEY, engine TEXT NOT NULL, operation TEXT NOT NULL, model TEXT NOT NULL,
      parameters TEXT NOT NULL CHECK (json_valid(parameters)),
      state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
      position REAL NOT NULL,
      createdAt INTEGER NOT NULL, startedAt INTEGER, endedAt INTEGER,
      problem TEXT CHECK (json_valid(problem))
    ) STRICT;
    CREATE INDEX jobs_in_queue ON jobs (state, engine, position);
    CREATE INDEX jobs_by_time ON jobs (createdAt DESC);

    CREATE TABLE blobs (hash TEXT PRIMARY KEY CHECK (length(hash) = 64), type TEXT NOT NULL, bytes INTEGER NOT NULL) STRICT;
    CREATE TABLE doomedBlobs (hash TEXT PRIMARY KEY, type TEXT NOT NULL) STRICT;

    CREATE TABLE images (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      hash TEXT NOT NULL REFERENCES blobs (hash),
      width INTEGER NOT NULL, height INTEGER NOT NULL,
      createdAt INTEGER NOT NULL,
      starred INTEGER NOT NULL DEFAULT 0 CHECK (starred IN (0, 1)),
      trashedAt INTEGER,
      job TEXT REFERENCES jobs (id) ON DELETE SET NULL,
      place INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX images_by_time ON images (trashedAt, createdAt DESC, number DESC);
    CREATE INDEX images_in_trash ON images (createdAt DESC, number DESC) WHERE trashedAt IS NOT NULL;
    CREATE INDEX images_starred ON images (createdAt DESC, number DESC) WHERE starred = 1;
    CREATE INDEX images_by_job ON images (job, place);
    CREATE INDEX images_by_hash ON images (hash);

    CREATE TABLE recipes (
      image INTEGER PRIMARY KEY REFERENCES images (number) ON DELETE CASCADE,
      prompt TEXT NOT NULL, seed TEXT NOT NULL, model TEXT NOT NULL, sampler TEXT NOT NULL,
      body TEXT NOT NULL CHECK (json_valid(body))
    ) STRICT;
    CREATE INDEX recipes_by_seed ON recipes (seed);

    CREATE VIRTUAL TABLE promptWords USING fts5 (
      prompt, content = 'recipes', content_rowid = 'image', tokenize = 'unicode61 remove_diacritics 2'
    );
    CREATE TRIGGER recipes_added AFTER INSERT ON recipes BEGIN
      INSERT INTO promptWords (rowid, prompt) VALUES (new.image, new.prompt);
    END;
    CREATE TRIGGER recipes_removed AFTER DELETE ON recipes BEGIN
      INSERT INTO promptWords (promptWords, rowid, prompt) VALUES ('delete', old.image, old.prompt);
    END;
    CREATE TRIGGER recipes_changed AFTER UPDATE ON recipes BEGIN
      INSERT INTO promptWords (promptWords, rowid, prompt) VALUES ('delete', old.image, old.prompt);
      INSERT INTO promptWords (rowid, prompt) VALUES (new.image, new.prompt);
    END;

    CREATE TABLE timings (
      model TEXT NOT NULL, operation TEXT NOT NULL, provider TEXT NOT NULL,
      work REAL NOT NULL, steps INTEGER NOT NULL,
      secondsPerStep REAL NOT NULL, otherSeconds REAL NOT NULL,
      measuredAt INTEGER NOT NULL,
      PRIMARY KEY (model, operation, provider, work)
    ) STRICT;
  `)
