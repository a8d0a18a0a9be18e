import { spell } from '../components/number.ts'
import { t } from '../language/language.ts'
import { additionsIn, lastName } from '../state/additions.ts'
import type { SamplerInfo } from '../state/api.ts'
import type { Field } from '../state/form.ts'

/** The name by which a person knows a sampler. */
export const samplerTitle = (className: string, samplers: readonly SamplerInfo[]): string =>
  samplers.find(sampler => sampler.className === className)?.title ?? className

/** A parameter's value in words. */
export function spellValue(field: Field, value: unknown, samplers: readonly SamplerInfo[]): string {
  if (typeof value === 'number') return `${spell(value, field.step)}${field.unit === undefined ? '' : ` ${field.unit}`}`
  if (typeof value === 'boolean') return t(value ? 'on' : 'off')
  if (field.widget === 'files') return spellAdditions(value)
  const text = String(value ?? '')
  if (field.widget === 'sampler') return samplerTitle(text, samplers)
  return text === '' ? t('empty') : text
}

const plainName = (path: string): string => lastName(path).replace(/\.[^.]+$/, '')

/** LoRAs with their strengths, embeddings, or the VAE, by the names of their files. */
function spellAdditions(value: unknown): string {
  if (typeof value === 'string') return value === '' ? t('the model’s own') : plainName(value)
  const names = additionsIn(value).map(({ model, strength }) =>
    strength === undefined ? plainName(model) : `${plainName(model)} ${spell(strength, 0.05)}`,
  )
  return names.length === 0 ? t('none') : names.join(', ')
}
