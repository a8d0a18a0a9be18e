import { z } from 'zod'
import { guideParameters } from './guide-parameters.ts'
import { about, share } from './parameter-meta.ts'
import { prompt, regions, wordParameters } from './parameters.ts'

/* What the methods are told that edit a picture by words. */

/** What the picture says that is edited. */
export const saidBefore = prompt.meta(
  about({
    title: 'Prompt',
    description: 'What the picture shows now.',
    group: 'words',
    widget: 'prompt',
  }),
)

/** What the edited picture says. */
export const to = z
  .string()
  .max(20_000)
  .meta(
    about({
      title: 'New words',
      description: 'What the picture shall show: the prompt with words swapped, added or taken away.',
      group: 'words',
      widget: 'text',
    }),
  )

/** How much words count (prompt-to-prompt's re-weighting). */
export const weights = z
  .string()
  .max(20_000)
  .default('')
  .meta(
    about({
      title: 'Weights of words',
      description:
        'How much new words count, as "car:2, red:-1", from -2 to 4; 1: as they are. "car#2:3" means the second car.',
      group: 'words',
      widget: 'text',
    }),
  )

/** How long words look where they looked before ("cross"). */
export const keepPlacement = share(0.8, {
  title: 'Keep placement',
  description: 'For how much of the steps words look where they looked before (cross-attention).',
  group: 'sampling',
})

/** How long places look at those that they looked at before ("self"). */
export const keepShape = share(0.4, {
  title: 'Keep shape',
  description: 'For how much of the steps the picture keeps its shapes (self-attention).',
  group: 'sampling',
})

/** Words outside of whose maps nothing changes (local blend). */
export const onlyWhere = z
  .string()
  .max(1000)
  .default('')
  .meta(
    about({
      title: 'Change only where',
      description: 'Words, of the old or the new prompt, outside of whose places nothing changes; empty: everywhere.',
      group: 'words',
      widget: 'text',
    }),
  )

/** What counts as a word's place. */
export const onlyAbove = share(0.3, {
  title: 'Above',
  description: 'With "Change only where": how much of the most a place must be looked at to change.',
  group: 'words',
})

/** How the noise is found that draws a given picture. */
export const inversion = z
  .enum(['negative-prompt', 'null-text', 'ddim'])
  .default('negative-prompt')
  .meta(
    about({
      title: 'Finding the noise',
      description:
        'null-text finds the picture again most exactly and takes longest, negative-prompt nearly so at once, ddim alone drifts away under guidance.',
      group: 'sampling',
      widget: 'choice',
    }),
  )

/** The same where the picture is drawn beside what follows it. */
export const inversionBeside = z
  .enum(['direct', ...inversion.def.innerType.options])
  .default('direct')
  .meta(
    about({
      title: 'Finding the noise',
      description:
        'direct holds the old picture to its own way at each step; the others find it again: null-text most exactly and longest, negative-prompt at once, ddim drifting away.',
      group: 'sampling',
      widget: 'choice',
    }),
  )

/** Steps of the optimiser within each step of null-text inversion. */
export const innerSteps = z
  .int()
  .min(1)
  .max(100)
  .default(10)
  .meta(
    about({
      title: 'Inner steps',
      description: 'With null-text: how often each step is made better, at most.',
      group: 'advanced',
      widget: 'slider',
      softMaximum: 30,
    }),
  )

/** What an edit does not know: parts of the picture with words of their own, and what else a picture is pulled towards. */
const unknown = { regions, ...guideParameters }

/** What every drawing is told, of what an edit does not know: nothing. */
export const nothingElse = z.object(unknown).parse({})

/** What every edit by words is told: what every drawing is told, and what is said before and after. */
export const wordsToEdit = { prompt: saidBefore, to, ...without(wordParameters, ['prompt', ...keysOf(unknown)]) }

/** The same of pictures whose noise is found first: that is known for one sampler alone. */
export const wordsOfPicture = without(wordsToEdit, ['sampler', 'karras'])

function without<Shape extends object, Key extends keyof Shape>(shape: Shape, keys: readonly Key[]): Omit<Shape, Key> {
  const left = { ...shape }
  for (const key of keys) delete left[key]
  return left
}

function keysOf<Shape extends object>(shape: Shape): (keyof Shape)[] {
  return Object.keys(shape) as (keyof Shape)[]
}

/** How much of the old picture's attention is kept. */
export const attentionEdits = { weights, keepPlacement, keepShape, onlyWhere, onlyAbove }

/** DiffEdit: noises that are looked at. */
export const maskMaps = z
  .int()
  .min(1)
  .max(64)
  .default(10)
  .meta(
    about({
      title: 'Looks',
      description: 'How many noises the mask is found from; more are slower and surer.',
      group: 'mask',
      widget: 'slider',
      softMaximum: 20,
    }),
  )

/** DiffEdit: mask_thresholding_ratio of the reference. */
export const maskRatio = z
  .number()
  .min(0.1)
  .max(20)
  .default(3)
  .meta(
    about({
      title: 'Difference',
      description:
        'How far above the mean a place must differ to change: half of this many times. Lower: more changes.',
      group: 'mask',
      widget: 'slider',
      softMaximum: 6,
      step: 0.1,
    }),
  )

/** DiffEdit: mask_encode_strength of the reference. */
export const maskStrength = share(0.5, {
  title: 'Noise of the looks',
  description: 'How much noise is put on the picture to find the mask.',
  group: 'mask',
})

/** MagicMix: where the picture gives the layout. */
export const layoutFrom = share(0.6, {
  title: 'Layout from',
  description: 'From which noise on the picture is followed: 1 is all noise.',
  group: 'sampling',
})
export const layoutUntil = share(0.3, {
  title: 'Layout until',
  description: 'Down to which noise the picture is mixed in; below it the prompt has its way.',
  group: 'sampling',
})
export const mixFactor = share(0.5, {
  title: 'Mix',
  description: 'How much of the new thing is in the mixture; the rest is the picture.',
  group: 'sampling',
})

/** What is taken over from the picture's attention to itself. */
export const takenOver = z
  .enum(['structure', 'appearance'])
  .default('structure')
  .meta(
    about({
      title: 'Keep',
      description:
        'structure keeps where things are and their outlines; appearance keeps how they look while they move.',
      group: 'sampling',
      widget: 'choice',
    }),
  )
export const keepUntil = share(0.5, {
  title: 'Kept for',
  description: 'structure: for how much of the steps it is kept; appearance: from which part of the steps on.',
  group: 'sampling',
})

/** Paint-with-words: how strongly regions are tied to their words. */
export const tie = z
  .number()
  .min(0)
  .max(5)
  .default(0.4)
  .meta(
    about({
      title: 'Tie to the words',
      description: 'How strongly the words of a region are drawn to it; 0: not at all.',
      group: 'words',
      widget: 'slider',
      softMaximum: 2,
      step: 0.01,
    }),
  )

/** RePaint: steps of a jump, and how often each is made. */
export const jumpLength = z
  .int()
  .min(1)
  .max(1000)
  .default(10)
  .meta(
    about({
      title: 'Jump',
      description: 'How many steps it goes back into the noise, to bring new and old together.',
      group: 'advanced',
      widget: 'slider',
      softMaximum: 20,
    }),
  )
export const jumps = z
  .int()
  .min(1)
  .max(100)
  .default(5)
  .meta(
    about({
      title: 'Passes',
      description: 'How often each part of the way is gone; 1: without jumps.',
      group: 'advanced',
      widget: 'slider',
      softMaximum: 10,
    }),
  )
