import { z } from 'zod'
import { about } from './parameter-meta.ts'
import { height, picture, width } from './parameters.ts'
import { commonTraining, lowRankTraining, number, whole } from './training-parameters.ts'

/* What the trainers of a single picture ask for. */

const { name, batch, accumulation, learningRate, schedule, warmUp, optimiser, clip, saveEvery, showEvery } =
  commonTraining

const words = (title: string, description: string) =>
  z
    .string()
    .max(1000)
    .meta(about({ title, description, group: 'words', widget: 'text' }))

const steps = (usual: number, title: string, description: string) => whole(1, 100_000, usual, title, description)

/** Which numbers of the network learn. */
const learns = z
  .enum(['low rank', 'all'])
  .default('low rank')
  .meta(
    about({
      title: 'What learns',
      description:
        'low rank: a LoRA beside the network, in little memory; all: the network itself, as the paper has it, for small models.',
      group: 'advanced',
      widget: 'choice',
    }),
  )

/** What both ask for. */
export const pictureTraining = {
  image: picture.meta(
    about({ title: 'Picture', description: 'The picture that is learned.', group: 'picture', widget: 'picture' }),
  ),
  ...{ name, width, height, learns, rank: lowRankTraining.rank, batch: batch.default(1), accumulation, learningRate },
  ...{
    schedule: schedule.default('constant'),
    warmUp,
    optimiser: optimiser.default('Adam'),
    clip,
    saveEvery,
    showEvery,
  },
} as const

/** What Imagic asks for. */
export const imagicTraining = {
  words: words('Words', 'What the picture shall become, as a whole: "a photo of a bird spreading wings".'),
  wordSteps: steps(
    500,
    'Steps of the words',
    'How long what the network is told is bent towards the picture, before the network itself learns.',
  ),
  wordRate: number(0, 10, 0.001, 'Rate of the words', 'How large those corrections are.'),
  steps: steps(
    400,
    'Steps of the network',
    'How long the network then learns the picture: more keep it more exactly, and bend less.',
  ),
} as const

/** What UniTune asks for. */
export const uniTuneTraining = {
  words: words('Rare words', 'Words that mean nothing to the model; they stand for the picture.').default('beikkpic'),
  steps: steps(128, 'Steps', 'How long the network learns the picture: more keep it more exactly, and bend less.'),
} as const
