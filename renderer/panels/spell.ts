import { spell } from '../components/number.ts'
import type { SamplerInfo } from '../state/api.ts'
import type { Field } from '../state/form.ts'

/** The name by which a person knows a sampler. */
export const samplerTitle = (className: string, samplers: readonly SamplerInfo[]): string =>
  samplers.find(sampler => sampler.className === className)?.title ?? className

/** A parameter's value in words. */
export function spellValue(field: Field, value: unknown, samplers: readonly SamplerInfo[]): string {
  if (typeof value === 'number') return `${spell(value, field.step)}${field.unit === undefined ? '' : ` ${field.unit}`}`
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  const text = String(value ?? '')
  if (field.widget === 'sampler') return samplerTitle(text, samplers)
  return text === '' ? 'empty' : text
}
