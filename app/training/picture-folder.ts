import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, parse } from 'node:path'
import { Problem } from '../problem.ts'
import { fitImage } from '../tensor/fit.ts'
import { fromImages, type RgbImage } from '../tensor/images.ts'
import { tensor } from '../tensor/tensor.ts'
import { fileProblem } from '../weights/safe-file.ts'
import type { TrainingExample, TrainingSet } from './data.ts'

/** Reads a picture file upright, as sRGB. @throws Problem IMAGE_*, FILE_* */
export type ReadPicture = (path: string) => Promise<RgbImage>

/** A folder of pictures as a training set: each covers the size, what sticks out is cut off. A picture's caption is in a text file of its
 *  name beside it (`1.png`, `1.txt`).
 *  @param caption of pictures that have no text file  @returns the set, the files of its examples, and those that could not be read
 *  @throws Problem TRAINING_SET_EMPTY where no picture can be read, FILE_* */
export async function openPictureFolder(
  folder: string,
  options: {
    readonly read: ReadPicture
    readonly size: { readonly width: number; readonly height: number }
    readonly caption: string
    readonly mayFlip: boolean
    readonly isClassImage?: boolean
    /** Of the class that all of them show. */
    readonly label?: number
  },
): Promise<{ readonly set: TrainingSet; readonly paths: readonly string[]; readonly unreadable: readonly string[] }> {
  const { read, size, mayFlip, isClassImage = false, label } = options
  const examples: TrainingExample[] = []
  const pictures: RgbImage[] = []
  const paths: string[] = []
  const unreadable: string[] = []
  for (const path of pictureFiles(folder)) {
    try {
      const picture = fitImage(await read(path), size, 'crop')
      const hash = createHash('sha256').update(`${size.width} ${size.height} `).update(picture.data)
      const contentHash = hash.digest('hex')
      pictures.push(picture)
      paths.push(path)
      const caption = captionOf(path) ?? options.caption
      const told = label !== undefined && { label }
      examples.push({ caption, size, isClassImage, mayFlip, contentHash, ...told })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      unreadable.push(path)
    }
  }
  if (examples.length === 0) {
    const found =
      unreadable.length === 0 ? 'holds no pictures' : `holds ${unreadable.length} pictures, none of them readable`
    throw new Problem('TRAINING_SET_EMPTY', `${folder} ${found}.`, {
      hint: 'Choose a folder with PNG, JPEG or WebP files in it.',
    })
  }
  const set: TrainingSet = {
    examples,
    async read(index) {
      const { shape, data } = fromImages([pictures[index]])
      return tensor(shape.slice(1), data)
    },
  }
  return { set, paths, unreadable }
}

/** Pictures of classes: each sub-folder holds those of one, which is called as the folder is. Sub-folders without pictures are no classes.
 *  @param numbers of the classes by name; absent: they are numbered in the order of their names
 *  @returns with the names of the classes, in their order
 *  @throws Problem TRAINING_CLASSES where there are no sub-folders of pictures; TRAINING_SET_EMPTY where no picture of one can be read; FILE_* */
export async function openClassFolders(
  folder: string,
  options: Omit<Parameters<typeof openPictureFolder>[1], 'caption' | 'label' | 'isClassImage'>,
  numbers?: (names: readonly string[]) => ReadonlyMap<string, number>,
): Promise<{ readonly set: TrainingSet; readonly unreadable: readonly string[]; readonly names: readonly string[] }> {
  const names = subFolders(folder).filter(name => pictureFiles(join(folder, name)).length > 0)
  if (names.length === 0) {
    throw new Problem('TRAINING_CLASSES', `${folder} has no folders with pictures in it.`, {
      hint: 'Put the pictures of each class into a folder of its name, all beside each other in one folder.',
    })
  }
  const labels = numbers?.(names) ?? new Map(names.map((name, label) => [name, label]))
  const sets: TrainingSet[] = []
  const unreadable: string[] = []
  for (const name of names) {
    const label = labels.get(name)
    const found = await openPictureFolder(join(folder, name), {
      ...{ ...options, caption: name },
      ...(label !== undefined && { label }),
    })
    sets.push(found.set)
    unreadable.push(...found.unreadable)
  }
  return { set: joinedSets(sets), unreadable, names }
}

function subFolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(entry => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort()
  } catch (error) {
    throw fileProblem(error, folder)
  }
}

/** Several sets as one. */
export const joinedSets = (sets: readonly TrainingSet[]): TrainingSet => {
  const places = sets.flatMap(set => set.examples.map((_, index) => ({ set, index })))
  return {
    examples: sets.flatMap(({ examples }) => examples),
    read: index => places[index].set.read(places[index].index),
  }
}

/** Paths of the pictures in a folder, sorted. @throws Problem FILE_* */
export function pictureFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(name => /\.(png|jpe?g|webp|gif|tiff?|avif|bmp)$/i.test(name) && !name.startsWith('.'))
      .sort()
      .map(name => join(folder, name))
  } catch (error) {
    throw fileProblem(error, folder)
  }
}

/** What the text file of its name beside a picture says. */
export function captionOf(picture: string): string | undefined {
  const { dir, name } = parse(picture)
  const path = join(dir, `${name}.txt`)
  return existsSync(path) ? readFileSync(path, 'utf8').replaceAll(/\s+/g, ' ').trim() : undefined
}
