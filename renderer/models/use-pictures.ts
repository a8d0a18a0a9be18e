import { useEffect, useState } from 'react'
import type { Image, ModelInfo } from '../state/api.ts'
import { engine, useEngine } from '../state/engine.ts'
import { draws } from '../state/models.ts'

const SHOWN = 4

/** The newest pictures that were made with a checkpoint, and how many there are. Of other kinds the library cannot be asked. */
export function usePictures({ name, kind }: Pick<ModelInfo, 'name' | 'kind'>): {
  images: readonly Image[]
  total: number
} {
  const [found, setFound] = useState<{ images: readonly Image[]; total: number }>({ images: [], total: 0 })
  const pictures = useEngine(state => state.pictures)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another picture in the library may be one of these
  useEffect(() => {
    let current = true
    if (!draws({ kind })) return
    engine()
      .then(api => api.images.list({ search: `model:"${name.replaceAll('"', '')}"`, limit: SHOWN }))
      .then(
        ({ images, total = images.length }) => current && setFound({ images, total }),
        () => current && setFound({ images: [], total: 0 }),
      )
    return () => {
      current = false
    }
  }, [name, kind, pictures])
  return found
}
