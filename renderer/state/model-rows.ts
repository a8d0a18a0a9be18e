import { spoken, t } from '../language/language.ts'
import { lastName } from './additions.ts'
import type { ModelInfo } from './api.ts'

/** Where a model comes from, as names and values: what its file lacks and what stands in for it; what it was merged from. */
export function originRows({ lacks = [], mergedFrom }: ModelInfo): (readonly [string, string])[] {
  return [
    ...lacks.map(
      ({ words, isOptional, files }) => ['Lacks', `${spoken(words)}; ${standIn(isOptional, files)}`] as const,
    ),
    ...(mergedFrom === undefined ? [] : [['Merged from', mergedFrom] as const]),
  ]
}

function standIn(isOptional: boolean, files: readonly string[]): string {
  const names = files.map(lastName).join(', ')
  if (files.length > 1) return t('choose one of {names}', { names })
  if (files.length === 1) return t('uses {names}', { names })
  return isOptional ? t('draws without it') : t('add such a file to Models')
}
