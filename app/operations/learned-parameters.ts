import { z } from 'zod'
import { about } from './parameter-meta.ts'
import { wordParameters } from './parameters.ts'

/* What drawings of a picture are told that a model learned. */

/** The file that a training of a single picture made. */
export const learned = z
  .string()
  .max(4096)
  .meta(
    about({
      title: 'Learned picture',
      description: 'What a training of a single picture made: by its name in the library, or its file.',
      group: 'picture',
      widget: 'files',
      takes: 'learned-picture',
    }),
  )

/** Imagic's eta. */
export const toward = z
  .number()
  .min(0)
  .max(2)
  .default(0.7)
  .meta(
    about({
      title: 'Toward the words',
      description: 'How far the picture is bent towards the words: 0 is the picture itself, 1 the words alone.',
      group: 'sampling',
      widget: 'slider',
      softMaximum: 1,
      step: 0.01,
    }),
  )

/** What all drawings are told; prompts are as long as what was learned. */
export const { longPrompts: _, ...learnedWords } = wordParameters
export const asLong = { longPrompts: 'cut' } as const
