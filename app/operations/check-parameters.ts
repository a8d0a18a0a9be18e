import { z } from 'zod'
import type { ModelDescription } from '../models/description.ts'
import { Problem } from '../problem.ts'
import { LARGEST_SEED } from '../tensor/random.ts'
import type { Operation } from './operation.ts'

/** What is needed of a model to complete and check parameters. */
export type ParameterSource = Pick<ModelDescription, 'name' | 'defaults' | 'sizeMultiple'>

/** Parameters as they are stored, sent and read again: complete, and JSON (seeds as decimal strings). */
export type StoredParameters = Record<string, unknown>

/** Checks what a person asks for, and fills in what was left open: the model's own values, and a seed.
 *  @param randomSeed draws a seed where none was given
 *  @throws Problem PARAMETER_INVALID, PARAMETER_UNKNOWN, SIZE_MULTIPLE; `details.field` names the parameter */
export function checkParameters(
  operation: Operation,
  given: Readonly<Record<string, unknown>>,
  model: ParameterSource,
  randomSeed: () => bigint,
): StoredParameters {
  const { shape } = operation.parameters
  for (const name of Object.keys(given)) if (!Object.hasOwn(shape, name)) throw unknownParameter(operation, name)
  const result = operation.parameters.safeParse(given)
  if (!result.success) throw firstProblem(operation, given, result.error)
  const complete: StoredParameters = {}
  for (const name of Object.keys(shape)) {
    const value = result.data[name] ?? filledIn(metaOf(operation, name), name, model, randomSeed)
    if (value === undefined) throw invalid(operation, name, `${titleOf(operation, name)} is missing.`)
    refuseSize(operation, name, value, model)
    complete[name] = typeof value === 'bigint' ? String(value) : value
  }
  return complete
}

const metaOf = (operation: Operation, name: string) => saidOf(operation.parameters.shape[name])

/** What a field says of itself; one with another usual value says what it did without. */
function saidOf(field: unknown): Readonly<Record<string, unknown>> {
  const own = field instanceof z.core.$ZodType ? z.globalRegistry.get(field) : undefined
  return own ?? (field instanceof z.ZodDefault ? saidOf(field.unwrap()) : {})
}

const titleOf = (operation: Operation, name: string): string => String(metaOf(operation, name).title ?? name)

function filledIn(
  meta: Readonly<Record<string, unknown>>,
  name: string,
  model: ParameterSource,
  randomSeed: () => bigint,
): unknown {
  if (meta.fromModel === true) return Object.entries(model.defaults).find(([key]) => key === name)?.[1]
  return meta.widget === 'seed' ? randomSeed() : undefined
}

function refuseSize(operation: Operation, name: string, value: unknown, model: ParameterSource): void {
  const { sizeMultiple } = model
  if (metaOf(operation, name).widget !== 'size' || typeof value !== 'number' || value % sizeMultiple === 0) return
  const nearest = Math.max(1, Math.round(value / sizeMultiple)) * sizeMultiple
  throw new Problem(
    'SIZE_MULTIPLE',
    `${titleOf(operation, name)} must be a multiple of ${sizeMultiple} for ${model.name}; ${value} is not.`,
    { hint: `Use ${nearest}.`, details: { field: name } },
  )
}

function unknownParameter(operation: Operation, name: string): Problem {
  const known = Object.keys(operation.parameters.shape).join(', ')
  return new Problem('PARAMETER_UNKNOWN', `"${operation.title}" has no parameter "${name}".`, {
    hint: `It has ${known}.`,
    details: { field: name },
  })
}

const invalid = (operation: Operation, field: string, message: string, hint?: string) =>
  new Problem('PARAMETER_INVALID', message, { hint, details: { field, operation: operation.id } })

/** The first thing that the schema objects to, as a sentence with the field's title and range. */
function firstProblem(operation: Operation, given: Readonly<Record<string, unknown>>, error: z.ZodError): Problem {
  const issue = error.issues[0]
  const name = String(issue.path[0] ?? '')
  const [whole, inner] = [titleOf(operation, name), issue.path.findLast(key => typeof key === 'string')]
  // What is wrong inside a list is told by its own name.
  const title = inner === undefined || inner === name ? whole : `${whole} (${inner})`
  const value = valueAt(given, issue.path)
  if (issue.code === 'custom') return invalid(operation, name, issue.message)
  if (value === undefined) return invalid(operation, name, `${title} is missing.`)
  if (metaOf(operation, name).widget === 'seed') {
    const kind = `a whole number from 0 to ${LARGEST_SEED}`
    return invalid(operation, name, `${title} must be ${kind}; ${shortly(value)} was given.`)
  }
  if (issue.code === 'invalid_value') {
    return invalid(
      operation,
      name,
      `${title} cannot be ${shortly(value)}.`,
      `Choose one of ${issue.values.join(', ')}.`,
    )
  }
  if (value === '' && issue.code === 'too_small') return invalid(operation, name, `${title} is missing.`)
  if (issue.code === 'too_big' && issue.origin === 'string') {
    return invalid(operation, name, `${title} is too long: at most ${issue.maximum} characters are read.`)
  }
  const kind = kindOf(operation, name, issue.path.slice(1))
  return invalid(operation, name, `${title} must be ${kind}; ${shortly(value)} was given.`)
}

const valueAt = (given: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), given)

const isRecord = (value: unknown): value is Readonly<Record<PropertyKey, unknown>> =>
  typeof value === 'object' && value !== null

/** "a whole number from 1 to 1000", from the field's JSON Schema. */
function kindOf(operation: Operation, name: string, inside: readonly PropertyKey[]): string {
  if (metaOf(operation, name).widget === 'colour') return 'a colour such as #ff8800, or empty'
  const field = z.toJSONSchema(operation.parameters.shape[name], { io: 'input', unrepresentable: 'any' })
  const schema = inside.reduce<z.core.JSONSchema.BaseSchema>((around, key) => schemaInside(around, key), field)
  const kinds: Readonly<Record<string, string>> = {
    integer: 'a whole number',
    number: 'a number',
    string: 'text',
    boolean: 'true or false',
    array: 'a list',
  }
  const { minimum, maximum } = schema
  const range = minimum === undefined || maximum === undefined ? '' : ` from ${minimum} to ${maximum}`
  return `${kinds[String(schema.type)] ?? 'something else'}${range}`
}

/** What a list or a record takes at a place; without bounds where that is not one schema. */
function schemaInside({ items, properties }: z.core.JSONSchema.BaseSchema, key: PropertyKey) {
  const found = typeof key === 'string' ? properties?.[key] : items
  return typeof found === 'object' && !Array.isArray(found) ? found : {}
}

function shortly(value: unknown): string {
  const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
