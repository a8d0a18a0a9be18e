import { useEffect, useState } from 'react'
import type { ModelInfo } from '../state/api.ts'
import { engine } from '../state/engine.ts'

/** The picture that lies beside a model's file, asked for when its card is shown. */
export function useSidePicture({ id, hasPicture = false }: Pick<ModelInfo, 'id' | 'hasPicture'>): string | undefined {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    let current = true
    setUrl(undefined)
    if (!hasPicture) return
    engine()
      .then(api => api.models.picture({ id }))
      .then(
        found => current && setUrl(found.url),
        () => current && setUrl(undefined),
      )
    return () => {
      current = false
    }
  }, [id, hasPicture])
  return url
}
