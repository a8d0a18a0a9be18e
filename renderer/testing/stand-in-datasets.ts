import { implement } from '@orpc/server'
import { contract, type Dataset, type DatasetPicture, type StudioEvent } from '../../app/api/contract.ts'

/** The data sets of the stand-in: each folder has four pictures, the last of which cannot be read. */
export function standInDatasets(tell: (event: StudioEvent) => void) {
  const os = implement(contract).datasets
  const sets = new Map<string, Dataset>()
  const pictures: DatasetPicture[] = ['one', 'two', 'three', 'broken'].map((name, k) => ({
    ...{ number: k + 1, path: `${name}.png`, width: 640, height: 480, format: 'png', frames: 1, hasAlpha: false },
    ...{ caption: k === 0 ? 'a boat, sea' : '', isClassImage: false, mayFlip: false, isLeftOut: false },
    captionSource: k === 0 ? 'file' : 'none',
    ...(k === 3
      ? { problem: { code: 'PICTURE_DAMAGED', message: 'The picture is damaged.' } }
      : { hash: 'ab'.repeat(32), thumbnail: 'cd'.repeat(32) }),
  }))
  const put = (dataset: Dataset): Dataset => {
    sets.set(dataset.id, dataset)
    tell({ type: 'dataset', dataset })
    return dataset
  }
  const get = (id: string): Dataset => {
    const dataset = sets.get(id)
    if (dataset) return dataset
    throw new Error('This data set is not in the library any more.')
  }
  return {
    list: os.list.handler(() => [...sets.values()]),
    create: os.create.handler(({ input: { folder, name = folder, background = '#ffffff' } }) =>
      put({
        ...{ id: `dataset-${sets.size + 1}`, name, folder, background, createdAt: Date.now(), isComplete: true },
        ...{ pictures: 3, captioned: 1, classImages: 0, refused: 1, leftOut: 0 },
      }),
    ),
    lookAgain: os.lookAgain.handler(({ input }) => get(input.id)),
    cancel: os.cancel.handler(({ input }) => get(input.id)),
    details: os.details.handler(({ input }) => ({
      dataset: get(input.id),
      buckets: [{ width: 576, height: 448, pictures: 3 }],
      tags: [
        { tag: 'boat', pictures: 1 },
        { tag: 'sea', pictures: 1 },
      ],
      ...{ small: 0, folders: [] },
      duplicates: [],
    })),
    pictures: os.pictures.handler(() => ({ pictures, total: pictures.length })),
    change: os.change.handler(() => ({ changed: 0 })),
    editTags: os.editTags.handler(() => ({ changed: 0, before: [] })),
    putWordsBack: os.putWordsBack.handler(() => ({ changed: 0 })),
    remove: os.remove.handler(({ input }) => {
      for (const id of input.ids) sets.delete(id)
      tell({ type: 'datasets removed', ids: input.ids })
      return input
    }),
  }
}
