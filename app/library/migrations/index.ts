import type { Store } from '../store.ts'
import { up as firstLibrary } from './0001-first-library.ts'
import { up as kindsOfModels } from './0002-kinds-of-models.ts'
import { up as whatJobsTake } from './0003-what-jobs-take.ts'
import { up as dataSets } from './0004-data-sets.ts'
import { up as jobsThatGoOn } from './0005-jobs-that-go-on.ts'
import { up as crops } from './0006-crops.ts'
import { up as documents } from './0007-documents.ts'
import { up as ratingsTagsBoards } from './0008-ratings-tags-boards.ts'
import { up as keptPictures } from './0009-kept-pictures.ts'
import { up as familiesAndColours } from './0010-families-and-colours.ts'
import { up as pictureFeatures } from './0011-picture-features.ts'

/** What changed between releases, oldest first; migration n makes a library of version n. One that was released is never edited. */
export const migrations: readonly ((store: Store) => void)[] = [
  firstLibrary,
  kindsOfModels,
  whatJobsTake,
  dataSets,
  jobsThatGoOn,
  crops,
  documents,
  ratingsTagsBoards,
  keptPictures,
  familiesAndColours,
  pictureFeatures,
]
