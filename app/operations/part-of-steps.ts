import { Problem } from '../problem.ts'

/** Refuses what would never act: it ends before it begins. @param field the parameter at fault  @throws Problem STEPS_NONE */
export function refuseNever({ start, end }: { readonly start: number; readonly end: number }, field: string): void {
  if (start <= end) return
  throw new Problem('STEPS_NONE', `From ${start} until ${end} of the steps is never: it would end before it begins.`, {
    hint: 'Let it begin before it ends.',
    details: { field },
  })
}
