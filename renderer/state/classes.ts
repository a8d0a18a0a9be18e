import { t } from '../language/language.ts'
import type { ModelInfo } from './api.ts'

/** Classes that a list shows at once; more are found by their words. */
const MOST = 200

/** What a class is called; its number where the model does not tell. */
export const className = (model: Pick<ModelInfo, 'classNames'> | undefined, index: number): string =>
  model?.classNames?.[index] || t('Class {index}', { index })

/** Numbers of the classes whose name has these words, or that have this number. */
export function classesFound(names: readonly string[], words: string): number[] {
  const wanted = words.trim().toLowerCase()
  const isFound = (name: string, index: number) => name.toLowerCase().includes(wanted) || String(index) === wanted
  return names.flatMap((name, index) => (isFound(name, index) ? [index] : [])).slice(0, MOST)
}
