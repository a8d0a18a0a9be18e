import type { ProblemInfo } from './api.ts'

/** A failure as the page shows it: what happened, what to do, and which field it is about where that is known. */
export interface Failure extends ProblemInfo {
  readonly field?: string
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
  const message = said?.startsWith(CLOSED) ? 'The line to Sfumato was closed; it is opened again.' : said
  return {
    code: text(member(data, 'code')) ?? text(member(error, 'code')) ?? 'UNKNOWN',
    message: message ?? 'Something went wrong that has no description.',
    hint: text(member(data, 'hint')),
    field: text(member(data, 'field')),
  }
}

/** What happened and what to do, on one line. */
export const sentenceOf = ({ message, hint }: ProblemInfo): string =>
  hint === undefined ? message : `${message} ${hint}`
