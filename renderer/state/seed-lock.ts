import { rollSeed } from './seed.ts'
import { edit, endEdit, useStudio } from './studio.ts'

/** Locks the seed (a new one when there is none yet), or lets it go. */
export function toggleSeed(): void {
  const { seed, seedKept } = useStudio.getState().draft
  endEdit()
  edit('lock', { seedKept: !seedKept, seed: seed === '' ? rollSeed().toString() : seed })
  endEdit()
}
