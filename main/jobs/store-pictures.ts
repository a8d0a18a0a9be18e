import type { JobRow } from '../../app/library/jobs.ts'
import { embedRecipe } from '../../app/library/recipe/recipe.ts'
import type { Image, JobCost, Recipe } from '../../app/library/records.ts'
import { Problem } from '../../app/problem.ts'
import type { WorkerPicture } from '../worker-messages.ts'
import type { JobParts } from './job-kind.ts'

/** What the recipes of a job's pictures share. */
export type SharedRecipe = Omit<Recipe, 'operation' | 'parameters' | 'seed' | 'app'>

/** The pictures' files first, then the rows of all of them and the job's end at once. @throws Problem DISK_FULL, FILE_*, LIBRARY_* */
export async function storePictures(
  { library, app }: Pick<JobParts, 'library' | 'app'>,
  row: JobRow,
  pictures: readonly WorkerPicture[],
  shared: SharedRecipe,
  cost?: JobCost,
): Promise<Image[]> {
  const { saysOrigin } = library.settings.read()
  for (let attempt = 1; ; attempt++) {
    const images = await Promise.all(
      pictures.map(async ({ png, width, height, seed }, index) => {
        const recipe = { operation: row.operation, ...shared, app, ...alone(row, seed) }
        const blob = await library.blobs.put(embedRecipe(png, recipe, { saysOrigin }), 'image/png')
        return { blob, width, height, index, recipe, job: row.id }
      }),
    )
    try {
      return library.transaction(() => {
        library.jobs.end(row.id, 'done')
        if (cost) library.jobs.setCost(row.id, cost)
        return library.images.add(images)
      })
    } catch (error) {
      // The trash was emptied of the same picture in this very moment.
      if (!(error instanceof Problem) || error.code !== 'BLOB_GONE' || attempt === 3) throw error
    }
  }
}

/** Pictures that answer a question: kept as long as those are that nothing was made from. @returns their hashes  @throws Problem DISK_FULL, FILE_* */
export async function keepAnswer(
  { library }: Pick<JobParts, 'library'>,
  row: JobRow,
  pictures: readonly WorkerPicture[],
): Promise<string[]> {
  const blobs = await Promise.all(pictures.map(({ png }) => library.blobs.put(png, 'image/png')))
  return library.transaction(() => {
    library.jobs.end(row.id, 'done')
    return blobs.map((blob, k) => library.keptPictures.add(blob, pictures[k].width, pictures[k].height).hash)
  })
}

/** What a picture's own recipe says: drawn alone, with its own seed. */
const alone = ({ parameters }: JobRow, seed: string): Pick<Recipe, 'parameters' | 'seed'> => ({
  parameters: {
    ...parameters,
    ...('seed' in parameters && { seed }),
    ...('count' in parameters && { count: 1 }),
  },
  seed,
})
