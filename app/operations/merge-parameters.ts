import { z } from 'zod'
import { about } from './parameter-meta.ts'

/** Another model for a merge. */
export const mergedModel = (title: string, description: string) =>
  z
    .string()
    .max(4096)
    .default('')
    .meta(about({ title, description, group: 'merge', widget: 'files', takes: 'checkpoint' }))

/** How models are summed. */
export const mergeMethod = z
  .enum(['weighted sum', 'add difference'])
  .default('weighted sum')
  .meta(
    about({
      title: 'Method',
      description:
        'Weighted sum goes from the first model to the second; add difference puts on the first what the second learned beyond the third.',
      group: 'merge',
      widget: 'choice',
    }),
  )

/** How much of the others goes into the first. */
export const mergeWeight = z
  .number()
  .min(0)
  .max(2)
  .default(0.5)
  .meta(
    about({
      title: 'Weight',
      description: 'How much of the second model; 0: none. In a weighted sum 1 is all of it, and the most there is.',
      group: 'merge',
      widget: 'slider',
      softMaximum: 1,
      step: 0.01,
    }),
  )

/** Names that no system takes, or that would lie elsewhere. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const noFileName = /[\\/:*?"<>|\u0000-\u001f]|^\.|\.$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/** What a new model is called; its file too. */
export const modelName = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .refine(name => !noFileName.test(name), {
    message: 'The name must be one that a file can have: without / \\ : * ? " < > | and without a dot at its ends.',
  })
  .meta(
    about({
      title: 'Name',
      description: 'What the new model is called; its file in the models folder of the library too.',
      group: 'merge',
      widget: 'text',
    }),
  )
