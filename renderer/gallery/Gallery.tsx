import { t } from '../language/language.ts'
import { useGallery } from '../state/gallery.ts'
import { Details } from './Details.tsx'
import { Grid } from './Grid.tsx'
import { Preview } from './Preview.tsx'
import { SearchBar } from './SearchBar.tsx'
import { Shelves } from './Shelves.tsx'

/** The room with all pictures. */
export function Gallery() {
  const selected = useGallery(state => state.selected.size)
  return (
    <main className={selected > 0 ? 'gallery detailed' : 'gallery'} data-testid="gallery">
      <h1 className="sr">{t('Gallery')}</h1>
      <Shelves />
      <div className="gallery-middle">
        <SearchBar />
        <Grid />
      </div>
      {selected > 0 && <Details />}
      <Preview />
    </main>
  )
}
