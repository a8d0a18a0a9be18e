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
 *  @param caption of pictures that have no text file  @returns the set, and the files that could not be read
 *  @throws Problem TRAINING_SET_EMPTY where no picture can be read, FILE_* */
export async function openPictureFolder(
  folder: string,
  options: {
    readonly read: ReadPicture
    readonly size: { readonly width: number; readonly height: number }
    readonly caption: string
    readonly mayFlip: boolean
    readonly isClassImage?: boolean
  },
): Promise<{ readonly set: TrainingSet; readonly unreadable: readonly string[] }> {
  const { read, size, mayFlip, isClassImage = false } = options
  const examples: TrainingExample[] = []
  const pictures: RgbImage[] = []
  const unreadable: string[] = []
  for (const path of pictureFiles(folder)) {
    try {
      const picture = fitImage(await read(path), size, 'crop')
      const hash = createHash('sha256').update(`${size.width} ${size.height} `).update(picture.data)
      const contentHash = hash.digest('hex')
      pictures.push(picture)
      examples.push({ caption: captionOf(path) ?? options.caption, size, isClassImage, mayFlip, contentHash })
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
  return { set, unreadable }
}

/** Several sets as one. */
export const joinedSets = (sets: readonly TrainingSet[]): TrainingSet => {
  const places = sets.flatMap(set => set.examples.map((_, index) => ({ set, index })))
  return {
    examples: sets.flatMap(({ examples }) => examples),
    read: index => places[index].set.read(places[index].index),
  }
}

function pictureFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(name => /\.(png|jpe?g|webp|gif|tiff?|avif|bmp)$/i.test(name) && !name.startsWith('.'))
      .sort()
      .map(name => join(folder, name))
  } catch (error) {
    throw fileProblem(error, folder)
  }
}

function captionOf(picture: string): string | undefined {
  const { dir, name } = parse(picture)
  const path = join(dir, `${name}.txt`)
  return existsSync(path) ? readFileSync(path, 'utf8').replaceAll(/\s+/g, ' ').trim() : undefined
}
