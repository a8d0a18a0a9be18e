import { z } from 'zod'
import { preparationNames } from '../tensor/preparations.ts'
import { fineTunedLayers } from '../training/fine-tuning.ts'
import { learningRateSchedule } from '../training/learning-rate.ts'
import { optimiserName } from '../training/optimisers/index.ts'
import { pixelForm, pixelWeighting } from '../training/pixel-forms.ts'
import { about } from './parameter-meta.ts'

const LONGEST = 1000

/** A line of text. */
const line = (title: string, description: string) =>
  z
    .string()
    .max(LONGEST)
    .meta(about({ title, description, group: 'concepts', widget: 'text' }))

/** A number on a slider. */
export const number = (least: number, most: number, value: number, title: string, description: string) =>
  z
    .number()
    .min(least)
    .max(most)
    .default(value)
    .meta(about({ title, description, group: 'advanced', widget: 'slider' }))

/** A whole number on a slider. */
export const whole = (least: number, most: number, value: number, title: string, description: string) =>
  z
    .int()
    .min(least)
    .max(most)
    .default(value)
    .meta(about({ title, description, group: 'advanced', widget: 'slider' }))

const flag = (title: string, description: string, value = false) =>
  z
    .boolean()
    .default(value)
    .meta(about({ title, description, group: 'advanced', widget: 'switch' }))

const steps = (usual: number) =>
  whole(1, 1_000_000, usual, 'Steps', 'How often the network is corrected; too many learn the pictures by heart.')

const batch = (usual: number) => whole(1, 64, usual, 'Pictures at once', 'How many pictures each correction looks at.')

const schedule = (usual: z.output<typeof learningRateSchedule>) =>
  learningRateSchedule.default(usual).meta(
    about({
      title: 'Learning rate over time',
      description: 'How the learning rate changes.',
      group: 'advanced',
      widget: 'choice',
    }),
  )

/** What all trainers ask for. */
export const commonTraining = {
  images: z
    .string()
    .max(LONGEST)
    .meta(
      about({
        title: 'Pictures',
        description:
          'The folder of the pictures to learn from, or a data set; a text file beside a picture is its caption.',
        group: 'concepts',
        widget: 'pictures',
      }),
    ),
  name: line('Name', 'What the result is called; empty: after what was learned.').default(''),
  steps: steps(600),
  batch: batch(2),
  accumulation: whole(
    1,
    256,
    1,
    'Batches for one step',
    'Batches whose corrections are averaged: as more at once, in less memory.',
  ),
  learningRate: number(
    0,
    10,
    0,
    'Learning rate',
    'How large each correction is; 0: what suits the size of the network.',
  ),
  schedule: schedule('constant_with_warmup'),
  warmUp: whole(0, 100_000, 20, 'Warm-up', 'Steps during which the learning rate grows from nothing.'),
  optimiser: optimiserName.default('AdamW').meta(
    about({
      title: 'Optimiser',
      description: 'How corrections are made of gradients; Prodigy finds the learning rate itself.',
      group: 'advanced',
      widget: 'choice',
    }),
  ),
  clip: number(
    0,
    1000,
    1,
    'Longest gradient',
    'Longer ones are shortened, so that one odd picture spoils nothing; 0: none.',
  ),
  flip: flag('Mirror', 'Shows the pictures mirrored as well; not for what has a left and a right.'),
  saveEvery: whole(1, 1_000_000, 100, 'Save every', 'Steps from one saved state to the next.'),
  showEvery: whole(
    0,
    1_000_000,
    0,
    'Show every',
    'Steps from one set of trial pictures to the next; 0: at the end alone.',
  ),
} as const

/** What trainers of models that draw from words ask for. */
export const wordTraining = {
  emptyCaptions: number(
    0,
    1,
    0.1,
    'Empty captions',
    'How often a caption is left out, so that guidance knows what to draw away from.',
  ),
  snrGamma: number(
    0,
    1000,
    0,
    'Min-SNR',
    'Limits how much pictures with little noise count (5 is usual); 0: no limit.',
  ),
  noiseOffset: number(
    0,
    1,
    0,
    'Noise offset',
    'Lets the model learn very dark and very bright pictures (0.1 is much).',
  ),
} as const

/** What trainers of models of pixels ask for. */
export const pixelTraining = {
  form: pixelForm.default('as the model').meta(
    about({
      title: 'What it answers',
      description:
        'What the network is asked about a noisy picture: its noise, v, or the clean picture; edm: at noise levels of every size; mixed: the clean picture, noise mixed in evenly.',
      group: 'advanced',
      widget: 'choice',
    }),
  ),
  weighting: pixelWeighting.default('none').meta(
    about({
      title: 'Weight of noise levels',
      description: 'min-snr: pictures with little noise count less; p2: those of which much can be seen count less.',
      group: 'advanced',
      widget: 'choice',
    }),
  ),
  averageDecay: number(
    0,
    0.99999,
    0.9999,
    'Moving average',
    'How slowly the weights that are kept follow those that learn; 0: the last ones are kept.',
  ),
  measured: whole(
    0,
    50_000,
    0,
    'Pictures to measure',
    'Pictures that are drawn at each look, to tell how far they are from those that are learned (FID and kernel distance); 0: none.',
  ),
  network: line(
    'Measured with',
    'The file of an InceptionV3 or the folder of a CLIP model that sees the pictures; empty: the built-in CLIP, which knows its own kind of picture alone.',
  ).default(''),
} as const

/** What trainers of models of classes ask for. */
export const emptyClasses = number(
  0,
  1,
  0.1,
  'Classes left away',
  'How often the class is left away, so that guidance knows what to draw away from.',
)

/** What trainers of low-rank factors ask for. What is usual was measured (docs/teaching.md): attention alone learned the colours of a thing that
 *  the model does not know, but not its shape. */
export const lowRankTraining = {
  steps: steps(400),
  batch: batch(2),
  schedule: schedule('cosine'),
  rank: whole(1, 512, 16, 'Rank', 'Size of the LoRA: more holds more, and learns by heart sooner.'),
  alpha: number(0.001, 1024, 16, 'Alpha', 'The LoRA counts alpha / rank times.'),
  feedForward: flag('Feed-forward layers', 'Changes these layers as well.', true),
  convolutions: flag('Convolutions', 'Changes these layers as well: they hold the shapes.', true),
  closeUps: flag(
    'Close-ups',
    'Shows each picture from closer as well, so that what stands before its background is large: things that come out too small come out larger.',
    true,
  ),
  learnedGuidance: number(
    1,
    20,
    1,
    'Learned under guidance',
    'How much of the guidance that pictures are drawn with counts while they are learned (2, with more steps), so that it exaggerates less and other things are kept better; 1: none. Only where it keeps its own answers.',
  ),
} as const

/** What the text encoders of a model learn beside the network that draws. */
export const textTraining = {
  textEncoder: flag(
    'Text encoder',
    'Changes what words mean to the model as well: a new thing is known sooner, and other prompts suffer sooner.',
    true,
  ),
  textLearningRate: number(
    0,
    10,
    0,
    'Text learning rate',
    'How large the corrections of the text encoder are; 0: half as large as the others.',
  ),
} as const

/** What a concept is called. */
export const conceptTraining = {
  identifier: line('Identifier', 'A rare word that will mean what is learned, e.g. sks.').default('sks'),
  class: line('Class', 'What kind of thing it is, e.g. cat.').default(''),
} as const

/** What the pictures are drawn from by which a training of words is watched. */
export const trialPrompts = z
  .string()
  .max(10 * LONGEST)
  .default('')
  .meta(
    about({
      title: 'Trial prompts',
      description: 'More prompts that trial pictures are drawn from while it learns, one a line.',
      group: 'advanced',
      widget: 'text',
    }),
  )

/** What is watched beside what is learned. */
export const watchedTraining = {
  heldBack: number(
    0,
    0.5,
    0.125,
    'Held back',
    'Share of the pictures that is not learned from: how well the model does on them tells when to stop. None of fewer than twelve.',
  ),
} as const

/** Prior preservation. */
export const priorTraining = {
  classImages: whole(
    0,
    1000,
    16,
    'Class images',
    'Pictures that the model draws first, from the captions without the identifier and of other things, so that it forgets nothing else; each step looks at as many of them as at the others.',
  ),
  priorWeight: number(0, 100, 1, 'Weight of class images', 'How much they count beside what is learned.'),
  ownAnswers: flag(
    'Keep its own answers',
    'Class images, and captions that are left out, teach what the model itself would say of them, which keeps it as it was; without it they teach the pictures.',
    true,
  ),
} as const

/** What full fine-tuning asks for. */
export const fineTuning = {
  layers: fineTunedLayers.default('all').meta(
    about({
      title: 'What learns',
      description:
        'All of the network, its attention alone, or only where it listens to the words; the rest stays as it is.',
      group: 'advanced',
      widget: 'choice',
    }),
  ),
  averageDecay: number(
    0,
    0.99999,
    0,
    'Moving average',
    'How slowly the weights that are kept follow those that learn; 0: the last ones are kept.',
  ),
} as const

/** What a ControlNet is told of what it learns. */
export const controlTraining = {
  conditions: z
    .string()
    .max(LONGEST)
    .default('')
    .meta(
      about({
        title: 'Control pictures',
        description:
          'The folder of what the pictures are to be drawn from, each under the name of its picture; empty: it is found in the pictures themselves.',
        group: 'concepts',
        widget: 'pictures',
      }),
    ),
  prepare: z
    .enum(preparationNames)
    .exclude(['none'])
    .default('edges')
    .meta(
      about({
        title: 'Found in the pictures',
        description:
          'What the pictures are to be drawn from where no folder is named; poses and depth are found by a network, all else in the pixels.',
        group: 'concepts',
        widget: 'choice',
      }),
    ),
  finder: z
    .string()
    .max(LONGEST)
    .default('')
    .meta(
      about({
        title: 'Network that looks',
        description:
          'For poses and depth: a network by its name or path; empty: the first of the library, else the one that comes with the app.',
        group: 'advanced',
        widget: 'line',
      }),
    ),
  edgeLow: whole(
    0,
    2040,
    100,
    'Weak edges',
    'How strong an edge must be to go on from a sure one, where edges are found.',
  ),
  edgeHigh: whole(0, 2040, 200, 'Sure edges', 'How strong an edge must be to be sure, where edges are found.'),
  caption: line('Caption', 'What pictures show that have no text file; empty: nothing is said.').default(''),
  continued: z
    .string()
    .max(LONGEST)
    .default('')
    .meta(
      about({
        title: 'Goes on from',
        description: 'A ControlNet that learns on, by its name or path; empty: a new one, copied from the model.',
        group: 'concepts',
        widget: 'files',
        takes: 'controlnet',
      }),
    ),
  resolution: whole(
    0,
    4096,
    0,
    'Resolution',
    'Width and height that the pictures are brought to; 0: what the model draws.',
  ),
  emptyCaptions: number(
    0,
    1,
    0.3,
    'Empty captions',
    'How often a caption is left out, so that the control picture is looked at where the words say nothing.',
  ),
  heldBack: number(
    0,
    0.5,
    0.02,
    'Held back',
    'Share of the pictures that is not learned from: how well the control does on them tells when to stop. None of fewer than twelve.',
  ),
  averageDecay: fineTuning.averageDecay,
  recompute: flag('Less memory', 'Computes parts of the network again instead of keeping them; about a third slower.'),
} as const

/** What a smart brush is told of what it learns. */
export const shapeTraining = {
  objectMasks: z
    .string()
    .max(LONGEST)
    .default('')
    .meta(
      about({
        title: 'Masks',
        description:
          'The folder of the masks, white where an object is: cat.png for cat.jpg, cat.1.png and cat.2.png for several; a text file beside a mask says what it is. Empty: what is not transparent in the pictures.',
        group: 'concepts',
        widget: 'pictures',
      }),
    ),
  caption: controlTraining.caption,
  wholeShare: number(
    0,
    1,
    0.2,
    'Whole pictures',
    'How often a whole picture is drawn from its words, so that the model forgets nothing of what it could.',
  ),
  maskWeight: number(0, 100, 0.01, 'Weight of masks', 'How much finding the object counts beside drawing it.'),
  emptyCaptions: wordTraining.emptyCaptions,
  recompute: controlTraining.recompute,
} as const

/** What a model is told that learns to follow instructions. */
export const instructTraining = {
  before: z
    .string()
    .max(LONGEST)
    .meta(
      about({
        title: 'Pictures before',
        description:
          'The folder of the pictures before they were edited, each under the name of its edited picture, whose text file says what was asked for.',
        group: 'concepts',
        widget: 'pictures',
      }),
    ),
  caption: line('Instruction', 'What was asked for where a picture has no text file.').default(''),
  leftOut: number(
    0,
    0.3,
    0.05,
    'Left out',
    'How often the words, the picture before, and both are left out, so that guidance knows what to draw away from.',
  ),
  recompute: controlTraining.recompute,
} as const

/** Textual inversion. */
export const vectors = whole(
  1,
  64,
  1,
  'Vectors',
  'How many vectors stand for the word: more hold more, and take room in the prompt.',
)
