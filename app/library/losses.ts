import type { Precision } from '../weights/precision.ts'
import type { PrecisionLoss } from './records.ts'
import type { Store } from './store.ts'

/** What models lose in other precisions, as measured on this computer; by the hash of their weights, so that a copy elsewhere has it too. */
export class PrecisionLosses {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Of the model with this hash. */
  of(hash: string): PrecisionLoss[] {
    return this.#store.all<PrecisionLoss>(
      'SELECT precision, decibels FROM precisionLosses WHERE model = ? ORDER BY precision DESC',
      [hash],
    )
  }

  /** Keeps a measurement instead of an earlier one. @param decibels null: the pictures were equal */
  set(hash: string, precision: Precision, decibels: number | null, now = Date.now()): void {
    this.#store.run('INSERT OR REPLACE INTO precisionLosses VALUES (?, ?, ?, ?)', [hash, precision, decibels, now])
  }
}
