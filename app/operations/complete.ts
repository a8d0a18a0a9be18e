import type { z } from 'zod'
import { Problem } from '../problem.ts'
import type { StoredParameters } from './check-parameters.ts'
import type { Complete, Operation } from './operation.ts'

/** Stored parameters as the operation's schema gives them; what the engine filled in must all be there.
 *  @throws Problem PARAMETER_INVALID; what the schema says of a value that it refuses */
export function complete(operation: Operation, stored: StoredParameters): Complete<z.output<Operation['parameters']>> {
  const values: Record<string, NonNullable<unknown>> = {}
  for (const [name, value] of Object.entries(operation.parameters.parse(stored))) {
    if (value === undefined || value === null) throw new Problem('PARAMETER_INVALID', `"${name}" is missing.`)
    values[name] = value
  }
  return values
}
