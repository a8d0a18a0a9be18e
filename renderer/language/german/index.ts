import type { Texts } from '../texts.ts'
import { common } from './common.ts'
import { operations } from './operations.ts'

/** All that the interface says, in German: a file a room. */
export const german: Texts = { ...common, ...operations }
