import { toast } from 'sonner'
import { t } from '../language/language.ts'
import { failureOf, sentenceOf } from './problem.ts'

interface Action {
  readonly label: string
  readonly run: () => void
}

const data = (action: Action | undefined) => ({
  duration: 6_000,
  action: action === undefined ? undefined : { label: t(action.label), onClick: action.run },
})

/** One line and at most one action, at the bottom right, for six seconds. */
export const say = (line: string, action?: Action): void => void toast(line, data(action))

/** The same, marked as something that did not work. */
export const warn = (line: string, action?: Action): void => void toast.warning(line, data(action))

/** Says what went wrong with something that the person asked for. */
export const sayFailure = (error: unknown): void => warn(sentenceOf(failureOf(error)))
