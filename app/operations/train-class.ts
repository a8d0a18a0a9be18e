import { parse } from 'node:path'
import { z } from 'zod'
import { Problem } from '../problem.ts'
import { PixelClassModel } from '../runtime/pixel-class-model.ts'
import type { TrainingSet } from '../training/data.ts'
import { labelled } from '../training/new-pixel-model.ts'
import { openClassFolders } from '../training/picture-folder.ts'
import { fileName } from './file-name.ts'
import { foreseePixels } from './foresee-training.ts'
import { mirrorable } from './named-set.ts'
import type { Operation } from './operation.ts'
import { seed } from './parameters.ts'
import { trainPixels } from './train-pixels.ts'
import { commonTraining, emptyClasses, pixelTraining, watchedTraining, wordTraining } from './training-parameters.ts'

const { noiseOffset } = wordTraining
const parameters = z.object({
  ...commonTraining,
  ...pixelTraining,
  ...watchedTraining,
  emptyClasses,
  noiseOffset,
  seed,
})

/** A model of pixels that is told classes learns from folders of pictures, one for each class, with classifier-free guidance
 *  (Ho & Salimans 2022, arXiv:2207.12598) where its table has a row for no class. */
export const trainClass: Operation<typeof parameters, 'classes', 'classes' | 'workshop' | 'making'> = {
  id: 'train-class',
  version: 2,
  title: 'Train a model of classes',
  description: 'Teaches a model that draws classes from a folder with a folder of pictures for each class.',
  needs: { model: 'classes' },
  resumes: true,
  makes: ({ name }, source) => fileName(name || `${parse(source).name} trained`),
  parameters,
  foresee: ({ classes, runtime }, chosen, examples) =>
    foreseePixels({ runtime, model: classes.description.path }, chosen, examples),
  async *run(context, chosen) {
    const { classes: model, workshop } = context
    const { name, defaults, classes } = model.description
    if (!(model instanceof PixelClassModel)) {
      throw new Problem('TRAINING_MODEL', `${name} draws on an autoencoder's latents and cannot be trained.`, {
        hint: 'Choose a model of classes that draws pixels; `train new --classes` makes one.',
      })
    }
    yield { phase: 'Reading the pictures', step: 0, total: chosen.steps }
    const known = classes?.names ?? []
    const numbers = (names: readonly string[]) => numbersOf(names, known, model.classes, name)
    const { set, unreadable, names } = workshop.pictures
      ? { ...numbered(mirrorable(workshop.pictures, chosen.flip), numbers), unreadable: [] }
      : await openClassFolders(
          chosen.images,
          { read: workshop.readPicture, size: defaults, mayFlip: chosen.flip },
          numbers,
        )
    const left = unreadable.length === 0 ? '' : `; left out, since they are no pictures: ${unreadable.join(', ')}`
    const count = `${set.examples.length} pictures of ${names.length} classes`
    yield { phase: `Learning from ${count}${left}`, step: 0, total: chosen.steps }
    const { noClass: label } = model
    return yield* trainPixels(context, model, chosen, {
      ...{ set, operation: trainClass.id, classes: names.length },
      ...(label !== undefined && { noClass: { label, probability: chosen.emptyClasses } }),
      index: { id2label: labelled(namesAfter(names, known, model.classes)) },
    })
  },
}

/** A data set whose classes are numbered as the model numbers them. */
function numbered(
  set: TrainingSet,
  numbersFor: (names: readonly string[]) => ReadonlyMap<string, number>,
): { readonly set: TrainingSet; readonly names: readonly string[] } {
  const { examples, classes: names = [], read } = set
  const numbers = numbersFor(names)
  const labelOf = (label: number | undefined) => numbers.get(names[label ?? -1])
  return {
    names,
    set: {
      examples: examples.map(({ label: old, ...example }) => {
        const label = labelOf(old)
        return label === undefined ? example : { ...example, label }
      }),
      read,
    },
  }
}

/** Whether all that is learned has its name in the model already: then nothing is called otherwise. */
const areKnown = (names: readonly string[], known: readonly string[]): boolean =>
  names.every(name => known.includes(name))

/** A folder's class: the one that the model calls so, else by the order of the names. */
function numbersOf(
  names: readonly string[],
  known: readonly string[],
  count: number,
  model: string,
): ReadonlyMap<string, number> {
  if (names.length > count) {
    throw new Problem('TRAINING_CLASSES', `${model} has ${count} classes, but there are ${names.length} folders.`, {
      hint: `Make a new model with \`train new --classes ${names.length}\`, or leave some folders out.`,
    })
  }
  const isKnown = areKnown(names, known)
  return new Map(names.map((name, place) => [name, isKnown ? known.indexOf(name) : place]))
}

/** What all classes of the model are called afterwards. */
const namesAfter = (names: readonly string[], known: readonly string[], count: number): string[] =>
  Array.from({ length: count }, (_, label) => {
    const old = known[label] || `class ${label}`
    return areKnown(names, known) ? old : (names[label] ?? old)
  })
