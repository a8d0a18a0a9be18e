import { z } from 'zod'
import { chooseVariants } from '../models/prompt/variants.ts'
import type { Wildcards } from '../models/prompt/wildcards.ts'
import { Problem } from '../problem.ts'
import { TorchGenerator } from '../tensor/random.ts'
import type { StoredParameters } from './check-parameters.ts'
import type { Operation } from './operation.ts'

/** Parameters with the choices of their prompts made (`{a|b}`, `__animal__`), by a generator of their own seed: the prompt first, then the
 *  negative one. What is chosen is what is stored, so a recipe holds the words that were drawn.
 *  @param parameters checked, complete
 *  @throws Problem WILDCARD_*, PROMPT_LONG; `details.field` names the parameter */
export function chooseWords(
  operation: Operation,
  parameters: StoredParameters,
  wildcards: Wildcards,
): StoredParameters {
  const generator = new TorchGenerator(BigInt(String(parameters.seed ?? 0)))
  const chosen = Object.entries(parameters).map(([name, value]) => {
    if (typeof value !== 'string' || !isPrompt(operation, name)) return [name, value]
    return [name, inField(name, () => chooseVariants(value, generator, wildcards))]
  })
  return Object.fromEntries(chosen)
}

const isPrompt = (operation: Operation, name: string): boolean => {
  const widget = z.globalRegistry.get(operation.parameters.shape[name])?.widget
  return widget === 'prompt' || widget === 'text'
}

function inField<Result>(field: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const { code, message, hint, details } = error
    throw new Problem(code, message, { hint, cause: error, details: { ...details, field } })
  }
}
