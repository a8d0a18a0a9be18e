import type { Store } from '../store.ts'

/** Jobs that go on where they were stopped (trainings), and what the person wishes of one: that it waits, or that it ends and keeps what it has. */
export const up = (store: Store) =>
  store.script(`
    ALTER TABLE jobs ADD COLUMN resumes INTEGER NOT NULL DEFAULT 0 CHECK (resumes IN (0, 1));
    ALTER TABLE jobs ADD COLUMN wish TEXT CHECK (wish IN ('pause', 'keep'));
  `)
