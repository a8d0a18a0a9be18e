import { useEffect, useState } from 'react'
import { useEngine } from '../state/engine.ts'

/** Pictures that were decoded, newest last; going from one candidate to another and back decodes nothing. */
const decoded = new Map<string, HTMLImageElement>()
const KEPT = 64

function remember(url: string, image: HTMLImageElement): void {
  decoded.delete(url)
  decoded.set(url, image)
  for (const oldest of decoded.keys()) {
    if (decoded.size <= KEPT) break
    decoded.delete(oldest)
  }
}

export interface Picture {
  readonly url: string
  readonly image: HTMLImageElement
}

export interface Loading {
  /** The latest picture that could be decoded: while the next one is on its way, the one before it. */
  readonly picture?: Picture
  readonly failed: boolean
}

/** Decodes a picture off the main thread. While a new address loads, the picture before stays, so that nothing flickers. */
export function usePicture(url: string | undefined): Loading {
  const [loading, setLoading] = useState<Loading>({ failed: false })
  const lines = useEngine(state => state.lines)
  const attempt = loading.failed ? lines : 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: a picture that failed is tried again on a new line
  useEffect(() => {
    if (url === undefined) return setLoading({ failed: false })
    const known = decoded.get(url)
    if (known !== undefined) return setLoading({ picture: { url, image: known }, failed: false })
    let current = true
    const image = new Image()
    image.src = url
    image.decode().then(
      () => {
        if (!url.startsWith('data:')) remember(url, image)
        if (current) setLoading({ picture: { url, image }, failed: false })
      },
      () => current && setLoading({ failed: true }),
    )
    return () => {
      current = false
    }
  }, [url, attempt])
  return loading
}
