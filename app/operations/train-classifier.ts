import { join } from 'node:path'
import { z } from 'zod'
import { Problem } from '../problem.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { classifierConfig, classifierTask } from '../training/classifier-task.ts'
import type { TrainingSet } from '../training/data.ts'
import { trainingFootprint } from '../training/fine-tuning.ts'
import { holdBack } from '../training/held-back.ts'
import type { Numbers } from '../training/numbers.ts'
import { openClassFolders } from '../training/picture-folder.ts'
import { writeClassifier } from '../weights/classifier-file.ts'
import { fileName } from './file-name.ts'
import { countOfShapes, foreseenSet, looksOf } from './foresee-training.ts'
import { mirrorable } from './named-set.ts'
import type { Operation } from './operation.ts'
import { seed } from './parameters.ts'
import { planOf, runTraining } from './run-training.ts'
import { commonTraining, watchedTraining } from './training-parameters.ts'

const { heldBack } = watchedTraining
const parameters = z.object({ ...commonTraining, heldBack, seed })

/** Of a network of this size, from nothing. */
const USUAL_RATE = 1e-3
/** Channels of its levels for pictures of 64 pixels and more, finest first. */
const WIDTHS = [32, 48, 64, 96]

/** A small network learns to tell classes of noisy pictures apart; models of pixels that know no classes can be guided by it then
 *  (Dhariwal & Nichol 2021, arXiv:2105.05233, section 4). */
export const trainClassifier: Operation<typeof parameters, 'unconditional', 'unconditional' | 'workshop' | 'making'> = {
  id: 'train-classifier',
  version: 1,
  title: 'Train a classifier',
  description:
    'Learns to tell noisy pictures of classes apart, from a folder with a folder for each; models without words are guided by it.',
  needs: { model: 'unconditional' },
  resumes: true,
  makes: ({ name }) => join('classifiers', `${fileName(name || 'classifier')}.safetensors`),
  parameters,
  foresee({ unconditional, runtime }, chosen, examples) {
    const { learned: set, heldBack: aside } = foreseenSet(examples, chosen)
    const classes = Math.max(2, ...examples.map(({ label = 0 }) => label + 1))
    const names = Array.from({ length: classes }, (_, label) => `class ${label}`)
    const { trainable } = openTask(runtime, set, names, chosen, unconditional.description.defaults).task
    const { batch, accumulation, optimiser } = chosen
    return {
      footprint: trainingFootprint(trainable.footprint, trainable.parameters.values(), optimiser, false),
      ...{ learned: countOfShapes(trainable.parameters.values()), looks: chosen.showEvery > 0 ? looksOf(chosen) : 0 },
      ...{ heldBack: aside.examples.length, picturesOfStep: batch * accumulation },
    }
  },
  async *run({ unconditional: model, workshop, making, signal }, chosen) {
    yield { phase: 'Reading the pictures', step: 0, total: chosen.steps }
    const { defaults } = model.description
    const { set, names, unreadable } = workshop.pictures
      ? { set: mirrorable(workshop.pictures, chosen.flip), names: workshop.pictures.classes ?? [], unreadable: [] }
      : await openClassFolders(chosen.images, { read: workshop.readPicture, size: defaults, mayFlip: chosen.flip })
    if (names.length < 2) {
      throw new Problem(
        'TRAINING_CLASSES',
        `${chosen.images} has fewer than two classes, so there is nothing to tell apart.`,
        {
          hint: 'Put the pictures of each class into a folder of its name, all beside each other in one folder.',
        },
      )
    }
    const { learned, heldBack: aside } = holdBack(set, chosen.heldBack, chosen.seed)
    const left = unreadable.length === 0 ? '' : `; left out, since they are no pictures: ${unreadable.join(', ')}`
    const count = `${learned.examples.length} pictures of ${names.length} classes`
    yield { phase: `Learning from ${count}${left}`, step: 0, total: chosen.steps }
    const { task, config } = openTask(workshop.runtime, learned, names, chosen, defaults)
    const write = (path: string, numbers: Numbers) => {
      const tensors = [...numbers].map(([key, data]) => [key, { shape: task.shapes.get(key) ?? [], data }] as const)
      writeClassifier(path, { ...config }, new Map(tensors))
    }
    const { saveEvery, showEvery, name: _, ...determining } = chosen
    const { parameters: learnedNumbers } = yield* runTraining({
      ...{ task, draw: async () => [] },
      footprint: task.trainable.footprint,
      plan: planOf(chosen, USUAL_RATE),
      habits: { saveEvery, showEvery, batch: chosen.batch },
      watching: {
        ...{ operation: trainClassifier.id, name: chosen.name || 'classifier', prompts: [] },
        ...(aside.examples.length > 0 && { heldBackLoss: task.surprise(aside) }),
        ...(showEvery > 0 && { result: { target: making.target, write } }),
      },
      identity: [determining, config, set.examples],
      ...{ workshop, signal },
    })
    write(making.target, learnedNumbers)
    return []
  },
}

/** @param size of the model's pictures: as many levels as it can be halved, up to those of `WIDTHS` */
function openTask(
  runtime: Runtime,
  set: TrainingSet,
  labels: readonly string[],
  { batch, seed }: { readonly batch: number; readonly seed: bigint },
  size: { readonly width: number; readonly height: number },
) {
  const halvings = WIDTHS.findIndex(
    (_, level) => size.width % 2 ** (level + 1) > 0 || size.height % 2 ** (level + 1) > 0,
  )
  const config = classifierConfig(labels, halvings < 0 ? WIDTHS : WIDTHS.slice(0, halvings + 1))
  return { config, task: classifierTask({ runtime, config, set, batch, seed }) }
}
