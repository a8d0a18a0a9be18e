import { z } from 'zod'
import type { ParameterMeta } from './parameter-meta.ts'

const about = (meta: Omit<ParameterMeta, 'group'>) => ({ group: 'guides' as const, ...meta })

const strength = (title: string, what: string) =>
  z
    .number()
    .min(-100)
    .max(100)
    .default(1)
    .meta(
      about({
        title,
        description: `How hard the picture is pulled towards ${what}; 0: not at all, less: away from it.`,
        widget: 'slider',
        softMinimum: 0,
        softMaximum: 10,
        step: 0.1,
      }),
    )

const share = (title: string, description: string, standard: number) =>
  z
    .number()
    .min(0)
    .max(1)
    .default(standard)
    .meta(about({ title, description, widget: 'slider', step: 0.01 }))

/** What pictures are pulled towards by gradients while they are drawn, in every operation that draws. */
export const guideParameters = {
  guideColour: z
    .union([z.literal(''), z.string().regex(/^#[0-9a-f]{6}$/i)])
    .default('')
    .meta(
      about({
        title: 'Colour',
        description: 'A colour that the whole picture is pulled towards, as #ff8800; empty: none.',
        widget: 'colour',
      }),
    ),
  colourStrength: strength('Pull of the colour', 'that colour'),
  guideWords: z
    .string()
    .max(2000)
    .default('')
    .meta(
      about({
        title: 'Words by CLIP',
        description:
          'Words that a CLIP model shall see in the picture, in any model; several with weights: a cat : 2 | a dog : -1.',
        widget: 'line',
      }),
    ),
  wordsStrength: strength('Pull of the words', 'those words'),
  guidePicture: z
    .string()
    .max(4096)
    .default('')
    .meta(
      about({
        title: 'Picture to resemble',
        description: 'A picture of the library by its id, or a file, that the new one shall resemble; empty: none.',
        widget: 'reference',
      }),
    ),
  pictureLikeness: z
    .enum(['colours', 'meaning'])
    .default('colours')
    .meta(
      about({
        title: 'Resemble it in',
        description: 'Colours: place by place; meaning: as a CLIP model sees it.',
        widget: 'choice',
      }),
    ),
  pictureStrength: strength('Pull of the picture', 'that picture'),
  guideCuts: z
    .int()
    .min(1)
    .max(64)
    .default(8)
    .meta(
      about({
        title: 'Cut-outs',
        description: 'How many random parts of the picture CLIP looks at in each step; more are slower and calmer.',
        widget: 'slider',
        softMaximum: 32,
      }),
    ),
  guideThrough: z
    .enum(['estimate', 'network'])
    .default('estimate')
    .meta(
      about({
        title: 'Gradient through',
        description:
          'The estimate is quick; through the network the pull agrees with what the model can draw, at three times the cost.',
        widget: 'choice',
      }),
    ),
  guideCourse: z
    .enum(['even', 'falling', 'rising'])
    .default('even')
    .meta(about({ title: 'Course', description: 'How the pulls change over the steps.', widget: 'choice' })),
  guideStart: share('Pull from', 'The part of the steps from which the pulls act, from 0 to 1.', 0),
  guideEnd: share('Pull until', 'The part of the steps up to which the pulls act, from 0 to 1.', 1),
  guideMask: z
    .string()
    .max(4096)
    .default('')
    .meta(
      about({
        title: 'Where they pull',
        description:
          'A picture of the library by its id, or a file: white where the pulls act, black where not; empty: everywhere.',
        widget: 'where',
      }),
    ),
  /** Filled in by the engine: the CLIP model that comes with the app. */
  guideModel: z
    .string()
    .max(4096)
    .default('')
    .meta(
      about({
        title: 'CLIP model',
        description: 'The folder of the CLIP model that looks at pictures; empty: the one that comes with Sfumato.',
        widget: 'line',
      }),
    ),
}

/** What models of pixels that know no classes are guided by besides. */
export const classifierParameters = {
  guideClassifier: z
    .string()
    .max(4096)
    .default('')
    .meta(
      about({
        title: 'Classifier',
        description:
          'A network that tells classes of noisy pictures apart, by its name or file; it is trained with "Train a classifier"; empty: none.',
        widget: 'files',
        takes: 'classifier',
      }),
    ),
  guideClass: z
    .string()
    .max(200)
    .default('')
    .meta(
      about({
        title: 'Class',
        description: 'What the classifier shall see in the picture: the name of a class, or its number from 0.',
        widget: 'class name',
      }),
    ),
  classStrength: strength('Pull of the class', 'that class'),
}

/** Nothing pulls. */
export const noGuides = z.object(guideParameters).parse({})
/** No classifier either. */
export const noClassifier = z.object(classifierParameters).parse({})
