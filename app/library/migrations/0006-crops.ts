import type { Store } from '../store.ts'

/** Which part of a picture a person wants a model to see, in pixels of the upright picture; empty: all of it. */
export const up = (store: Store) =>
  store.script('ALTER TABLE datasetPictures ADD COLUMN crop TEXT CHECK (json_valid(crop))')
