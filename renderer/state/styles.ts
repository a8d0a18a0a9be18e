import { withStyle } from '../../app/api/prompt.ts'
import { t } from '../language/language.ts'
import type { Style } from './api.ts'
import type { Draft } from './draft.ts'
import { engine } from './engine.ts'
import { type Field, fittingValues, type Values } from './form.ts'
import { undo } from './history.ts'
import { edit, endEdit, useStudio } from './studio.ts'
import { say } from './toasts.ts'
import { announce } from './ui.ts'

/** What a style makes of what is set up: its words on the prompts, and its values, as far as the form has them. */
export function inStyle(
  { prompt, values }: Pick<Draft, 'prompt' | 'values'>,
  style: Style,
  fields: readonly Field[],
): Pick<Draft, 'prompt' | 'values'> {
  const { prompt: _, seed: __, ...added } = fittingValues(fields, style.parameters)
  const takesNegative = style.negative !== '' && fields.some(({ name }) => name === 'negative')
  const own = typeof values.negative === 'string' ? values.negative : ''
  return {
    prompt: withStyle(prompt, style.prompt),
    values: { ...values, ...added, ...(takesNegative && { negative: withStyle(own, style.negative) }) },
  }
}

/** Puts a style on what is set up, as one step of undo. */
export function applyStyle(style: Style, fields: readonly Field[]): void {
  endEdit()
  edit('style', inStyle(useStudio.getState().draft, style, fields))
  endEdit()
  say(t('In the style {name}.', { name: style.name }), { label: 'Undo', run: undo })
}

/** Keeps words and values under a name; the negative prompt is no value of its own. */
export async function saveStyle(name: string, prompt: string, values: Values): Promise<void> {
  const { negative, ...parameters } = values
  const words = typeof negative === 'string' ? negative : ''
  await (await engine()).styles.save({ name, prompt, negative: words, parameters })
  announce(t('The style {name} is saved.', { name }))
}

/** Removes a style; for a moment it can be had back. */
export async function removeStyle(style: Style): Promise<void> {
  const { styles } = await engine()
  await styles.remove({ name: style.name })
  say(t('The style {name} is removed.', { name: style.name }), { label: 'Undo', run: () => void styles.save(style) })
}

/** Adds the styles of a styles.csv. */
export async function importStyles(file: File): Promise<void> {
  const { imported } = await (await engine()).styles.import({ csv: await file.text() })
  say(imported === 1 ? t('One style is added.') : t('{imported} styles are added.', { imported }))
}
