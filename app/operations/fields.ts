import { z } from 'zod'
import { LARGEST_SEED } from '../tensor/random.ts'
import type { Operation } from './operation.ts'

/** A parameter of an operation as forms, flags and messages need it; read from the schema, so nothing is said twice. */
export interface Field {
  readonly name: string
  readonly title: string
  /** One sentence. */
  readonly description: string
  readonly kind: 'text' | 'number' | 'whole' | 'choice' | 'switch' | 'seed' | 'list'
  readonly minimum?: number
  readonly maximum?: number
  /** How a form shows it. */
  readonly widget: string
  /** Of a choice. */
  readonly choices?: readonly string[]
  /** Taken when nothing is said; absent where the model has the word, or where the parameter must be given. */
  readonly default?: unknown
  readonly required: boolean
  /** The model's own value is taken when nothing is said. */
  readonly fromModel: boolean
}

/** An operation's parameters as JSON Schema, with our own `title`, `group`, `widget` ... at each property. */
export const jsonSchemaOf = (operation: Operation): Record<string, unknown> =>
  z.toJSONSchema(operation.parameters, { io: 'input', unrepresentable: 'any' })

const property = z.object({
  type: z.enum(['string', 'number', 'integer', 'boolean', 'array']).optional(),
  enum: z.array(z.string()).optional(),
  title: z.string(),
  description: z.string(),
  widget: z.string(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
  default: z.unknown().optional(),
  fromModel: z.boolean().default(false),
})
const objectSchema = z.object({
  properties: z.record(z.string(), property),
  required: z.array(z.string()).default([]),
})

const kinds = { string: 'text', number: 'number', integer: 'whole', boolean: 'switch', array: 'list' } as const

/** The parameters of an operation, in the order of its schema. */
export function fieldsOf(operation: Operation): Field[] {
  const { properties, required } = objectSchema.parse(jsonSchemaOf(operation))
  return Object.entries(properties).map(([name, { type, enum: choices, widget, maxLength, maximum, ...rest }]) => ({
    name,
    widget,
    kind: widget === 'seed' ? 'seed' : choices ? 'choice' : kinds[type ?? 'string'],
    choices,
    maximum: maximum ?? maxLength,
    required: required.includes(name),
    ...rest,
  }))
}

/** What a field takes, in words: "a whole number from 1 to 1000". */
export function expectation({ kind, minimum, maximum, choices }: Field): string {
  switch (kind) {
    case 'seed':
      return `a whole number from 0 to ${LARGEST_SEED}`
    case 'choice':
      return `one of ${choices?.join(', ')}`
    case 'switch':
      return 'on or off'
    case 'list':
      return 'a list'
    case 'text':
      return `text of at most ${maximum} characters`
    default:
      return `a ${kind === 'whole' ? 'whole ' : ''}number${range(minimum, maximum)}`
  }
}

const range = (minimum?: number, maximum?: number): string => {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (minimum !== undefined) return `, at least ${minimum}`
  return maximum === undefined ? '' : `, at most ${maximum}`
}
