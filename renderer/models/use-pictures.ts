import { useEffect, useState } from 'react'
import type { Image } from '../state/api.ts'
import { engine, useEngine } from '../state/engine.ts'

const SHOWN = 4

/** The newest pictures that were made with a model, and how many there are. */
export function usePictures(model: string): { images: readonly Image[]; total: number } {
  const [found, setFound] = useState<{ images: readonly Image[]; total: number }>({ images: [], total: 0 })
  const pictures = useEngine(state => state.pictures)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another picture in the library may be one of these
  useEffect(() => {
    let current = true
    engine()
      .then(api => api.images.list({ search: `model:"${model.replaceAll('"', '')}"`, limit: SHOWN }))
      .then(
        ({ images, total }) => current && setFound({ images, total }),
        () => current && setFound({ images: [], total: 0 }),
      )
    return () => {
      current = false
    }
  }, [model, pictures])
  return found
}
