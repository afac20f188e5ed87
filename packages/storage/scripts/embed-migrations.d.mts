export function renderMigrations(): string;
