//! Tariff documents to checked plans to rated lines that show their arithmetic.
