import { spoken, t } from '../language/language.ts'
import type { ProblemInfo } from './api.ts'

/** A failure as the page shows it: what happened, what to do, and which field it is about where that is known. */
export interface Failure extends ProblemInfo {
  readonly field?: string
  /** The layer of the canvas that it is about. */
  readonly layer?: string
}

/** What the canvas itself refuses about a control layer, before a run is asked for. */
export class LayerRefusal extends Error {
  readonly data: Failure
  constructor(layer: string, message: string) {
    super(message)
    this.data = { code: 'CONTROL_LAYER', message, field: 'controls', layer }
  }
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined

const member = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined

/** What the connection's library says to whoever still waits for an answer when it is closed. */
const CLOSED = '[AsyncIdQueue]'

/** Whatever was thrown, as a sentence for a person. The engine's problems cross the wire in the `data` of the error. */
export function failureOf(error: unknown): Failure {
  const data = member(error, 'data')
  const said = text(member(data, 'message')) ?? text(member(error, 'message'))
  const message = said?.startsWith(CLOSED) ? t('The line to Sfumato was closed; it is opened again.') : said
  const hint = text(member(data, 'hint'))
  return {
    code: text(member(data, 'code')) ?? text(member(error, 'code')) ?? 'UNKNOWN',
    message: message === undefined ? t('Something went wrong that has no description.') : spoken(message),
    hint: hint === undefined ? undefined : spoken(hint),
    field: text(member(data, 'field')),
    layer: text(member(data, 'layer')),
  }
}

/** What happened and what to do, on one line. */
export const sentenceOf = ({ message, hint }: ProblemInfo): string =>
  hint === undefined ? spoken(message) : `${spoken(message)} ${spoken(hint)}`
